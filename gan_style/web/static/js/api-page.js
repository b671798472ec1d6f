// The routes of the OpenAPI description, as a list.
import { byId, make } from "./dom.js";

const described = await (await fetch("/api/openapi.json")).json();

function resolve(schema) {
  const name = schema?.$ref?.split("/").at(-1);
  return name ? described.components.schemas[name] : schema;
}

function kind(schema) {
  const either = schema.anyOf?.map(kind).join(" or ");
  return either ?? schema.enum?.join(", ") ?? schema.const ?? schema.type ?? "anything";
}

function fields(route) {
  const body = resolve(route.requestBody?.content?.["application/json"]?.schema);
  const inBody = Object.entries(body?.properties ?? {}).map(([name, schema]) => [name, schema, body.required?.includes(name)]);
  return [...(route.parameters ?? []).map(({ name, schema, required }) => [name, schema, required]), ...inBody];
}

for (const [path, methods] of Object.entries(described.paths)) {
  for (const [method, route] of Object.entries(methods)) {
    const rows = fields(route).flatMap(([name, schema, required]) => [make("dt", {}, name), make("dd", {}, kind(schema) + (required ? "" : ", may be left out"))]);
    byId("routes").append(make("section", { class: "route" },
      make("h3", {}, make("b", {}, method.toUpperCase()), path), make("p", {}, route.description ?? route.summary), make("dl", {}, ...rows)));
  }
}
