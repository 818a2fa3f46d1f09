// A component of Swagger UI within a label, where its own has none.
const named = (name) => (Original, { React }) => (props) => React.createElement(
  "label", null, React.createElement("span", { className: "skip" }, name), React.createElement(Original, props),
);

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
      const heading = React.createElement("h2", { className: "skip" }, "Operations");
      return React.createElement("div", null, heading, tags.map(drawn));
    },
    // A link within the button that opens an operation is out of reach of the keyboard; the address follows anyway.
    DeepLink: ({ text }) => React.createElement("span", null, text),
  },
  // What stands outside of the main part, and what has no name, says what it is.
  wrapComponents: {
    FilterContainer: (Original) => (props) =>
      React.createElement("div", { role: "search" }, React.createElement(Original, props)),
    Models: (Original) => (props) =>
      React.createElement("aside", { "aria-label": "Schemas" }, React.createElement(Original, props)),
    InfoContainer: (Original) => (props) =>
      React.createElement("section", { "aria-label": "About" }, React.createElement(Original, props)),
    ExamplesSelect: named("Example"),
    Select: named("Value"),
    RequestBodyEditor: named("Body"),
  },
});

// The part of a document that the value at a path needs: itself, and what it refers to, directly or not.
const needed = (document, [section, name]) => {
  const { securitySchemes } = document.components;
  const kept = { ...document, paths: {}, components: securitySchemes ? { securitySchemes } : {} };
  const keep = (value) => {
    if (value === null || typeof value !== "object") return;
    if (typeof value.$ref === "string") {
      const [, , kind, key] = value.$ref.split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
      const known = (kept.components[kind] ??= {});
      if (!(key in known)) {
        known[key] = document.components[kind][key];
        keep(known[key]);
      }
    }
    Object.values(value).forEach(keep);
  };
  if (section === "paths") keep((kept.paths[name] = document.paths[name]));
  return kept;
};

// Swagger UI reads the document as YAML and works through all of it again for each operation that is opened, which takes
// seconds. It is JSON, and an operation needs a small part of it.
const LessWork = {
  afterLoad: (system) => {
    const resolve = system.fn.resolveSubtree;
    system.fn.resolveSubtree = (document, path, options) => {
      const isPart = path.length > 1 && document?.components && (path[0] !== "paths" || document.paths[path[1]]);
      return resolve(isPart ? needed(document, path) : document, path, options);
    };
  },
  statePlugins: {
    spec: {
      wrapActions: {
        parseToJson: (original, { specActions }) => (text) => {
          try {
            return specActions.updateJsonSpec(JSON.parse(text));
          } catch {
            return original(text);
          }
        },
      },
    },
  },
};

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const followScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followScheme);
followScheme();

// A page of the register leads here with the request that it is made of: its values are filled in.
const resolved = (document, item) => (item.$ref ? item.$ref.split("/").slice(1).reduce((at, key) => at[key], document) : item);
const fillIn = () => {
  const given = new URLSearchParams(window.location.search).get("request") ?? "";
  const operation = window.location.hash.split("/")[2];
  if (!given.startsWith("/v1") || !operation) return;
  const { pathname, searchParams } = new URL(given, window.location.origin);
  const document = window.ui.specSelectors.specJson().toJS();
  const found = Object.entries(document.paths).find(([, item]) => item.get?.operationId === operation);
  if (!found) return;
  const [path, { get }] = found;
  const segments = path.split("/");
  for (const parameter of (get.parameters ?? []).map((item) => resolved(document, item))) {
    const values = parameter.in === "path"
      ? [decodeURIComponent(pathname.split("/")[segments.indexOf(`{${parameter.name}}`)] ?? "")]
      : searchParams.getAll(parameter.name);
    if (!["path", "query"].includes(parameter.in) || !values[0]) continue;
    const many = parameter.schema?.type === "array";
    const every = parameter.explode === false ? values.flatMap((value) => value.split(",")) : values;
    window.ui.specActions.changeParam([path, "get"], parameter.name, parameter.in, many ? every : values[0], false);
  }
};

// validatorUrl is null because the bundle would otherwise send the document to a host of its makers.
window.ui = SwaggerUIBundle({
  url: document.getElementById("documentation").dataset.document,
  dom_id: "#documentation",
  plugins: [AllOperations, LessWork],
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  defaultModelRendering: "model",
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
  onComplete: fillIn,
});
