// Of 150 operations and more, Swagger UI draws only those in view, so that neither the browser's search nor a link within
// the page finds the rest. This draws all of them, as it does with fewer.
const AllOperations = ({ React }) => ({
  components: {
    operations: (props) => {
      const { specSelectors, getComponent } = props;
      const [Tag, Operation] = [getComponent("OperationTag"), getComponent("OperationContainer", true)];
      const tags = specSelectors.taggedOperations().entrySeq().toArray();
      const drawn = ([tag, tagObj]) => React.createElement(
        Tag, { ...props, key: tag, tag, tagObj, specUrl: specSelectors.url() },
        tagObj.get("operations").toArray().map((op) => React.createElement(Operation, {
          key: `${op.get("method")} ${op.get("path")}`, tag, op,
          path: op.get("path"), method: op.get("method"), specPath: op.get("specPath"),
        })),
      );
      return React.createElement("div", null, tags.map(drawn));
    },
  },
});

// validatorUrl is null because the bundle would otherwise send the document to a host of its makers.
window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#documentation",
  plugins: [AllOperations],
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  defaultModelRendering: "model",
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
