// The same server through the functions and types that @hey-api/openapi-ts makes.
import assert from "node:assert/strict";
import { client } from "./client/client.gen.js";
import { createTheme, getCommitment, listCommitments, updateTheme } from "./client/sdk.gen.js";
import type { Commitment } from "./client/types.gen.js";

const [url, token] = process.argv.slice(2);
assert(url && token, "usage: hey_api.js URL TOKEN");
client.setConfig({ baseUrl: url });
const headers = { Authorization: `Bearer ${token}` };

const page = await listCommitments({ query: { overdue: true, limit: 2, sort: ["due_on"] } });
assert(page.data, JSON.stringify(page.error));
const promises: Commitment[] = page.data.data;
assert.equal(promises.length, 2);
const [first] = promises;
assert(first);
const one = await getCommitment({ path: { slug: first.slug }, query: { include: ["sources", "updates"] } });
assert.equal(one.data?.title, first.title);
assert(one.data?.included?.updates);

const theme = await createTheme({ headers, body: { name: `A theme ${Date.now()}` } });
assert(theme.data, JSON.stringify(theme.error));
const etag = theme.response?.headers.get("ETag");
assert(etag);
const changed = await updateTheme({
  headers: { ...headers, "If-Match": etag },
  path: { slug: theme.data.slug },
  body: { description: "Changed." },
});
assert.equal(changed.data?.description, "Changed.");
console.log("hey-api: fine");
