// A small front end on openapi-typescript and openapi-fetch: what a page about promises does, on a live server.
// Everything it reads is typed by the document alone: no cast, no `any`, no assertion that something is there.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Commitment = components["schemas"]["Commitment"];
type Source = components["schemas"]["Source"];

const [url, token] = process.argv.slice(2);
assert(url && token, "usage: front_end.js URL TOKEN");
const everybody = createClient<paths>({ baseUrl: url });
const editor = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });

// Every overdue promise, page by page, with the sources behind it.
const overdue: Commitment[] = [];
const sources = new Map<string, Source>();
let cursor: string | undefined;
do {
  const { data, error } = await everybody.GET("/v1/commitments", {
    params: { query: { overdue: true, include: ["sources"], sort: ["due_on"], limit: 5, cursor } },
  });
  if (error) throw new Error(error.detail);
  overdue.push(...data.data);
  for (const source of data.included?.sources ?? []) sources.set(source.id, source);
  cursor = data.next_cursor ?? undefined;
} while (cursor);
assert(overdue.length > 5, "there is more than one page");
assert(overdue.every((promise) => promise.overdue && promise.due_on !== null));
for (const promise of overdue)
  for (const reference of promise.sources) assert(sources.get(reference.id)?.title, `${promise.slug}: ${reference.slug}`);

// A list without `include` has no records beside its own.
const plain = await everybody.GET("/v1/commitments", { params: { query: { limit: 1 } } });
assert.equal(plain.data?.included, undefined);

// A typed problem, which names the right word for a wrong one.
const wrong = await everybody.GET("/v1/partnerships/{slug}", { params: { path: { slug: "india-south-koera" } } });
assert.equal(wrong.data, undefined);
assert.equal(wrong.error?.status, 404);
assert.equal(typeof wrong.error?.title, "string");
const refused = await everybody.GET("/v1/commitments", { params: { query: { partnership: ["india-south-koera"] } } });
assert.equal(refused.error?.status, 400);
assert(refused.error?.errors?.some((flaw) => flaw.detail.includes("india-south-korea")));

// A record is created with what is required alone, and changed as it was read.
const created = await editor.POST("/v1/commitments", {
  body: { partnership: "india-south-korea", title: "A promise of a front end", kind: "target" },
});
assert(created.data, JSON.stringify(created.error));
const etag = created.response.headers.get("ETag");
assert(etag);
const path = { slug: created.data.slug };
const changed = await editor.PATCH("/v1/commitments/{slug}", {
  params: { path, header: { "If-Match": etag } },
  body: { statement: "Said in other words.", due_on: "2030-06" },
});
assert(changed.data, JSON.stringify(changed.error));
assert.equal(changed.data.due_on, "2030-06");
assert.equal(changed.data.revision, 2);
const stale = await editor.PATCH("/v1/commitments/{slug}", {
  params: { path, header: { "If-Match": etag } },
  body: { statement: "Too late." },
});
assert.equal(stale.error?.status, 412);
console.log(`${overdue.length} overdue promises, ${sources.size} sources`);
