import type { Parameter, Route } from './routes.ts';

/** OpenAPI 3.1 of a table of routes and of the exec endpoint, which is upgraded. */
export function openApiOf(routes: readonly Route[], execPath: string, version: string): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const methods = paths[route.path] ?? {};
    paths[route.path] = methods;
    methods[route.method.toLowerCase()] = operationOf(route);
  }
  paths[execPath] = {
    post: {
      summary: 'Runs a command in an instance; upgraded to tsdock-exec (framed stdin, stdout, stderr, resize, signal, exit)',
      parameters: pathParameters(execPath),
      responses: { 101: { description: 'frames' }, default: problem },
    },
  };
  return { openapi: '3.1.0', info: { title: 'tsdock', version }, paths };
}

const problem = { description: 'a problem', content: { 'application/problem+json': { schema: { type: 'object' } } } };

const mediaTypes = { json: 'application/json', lines: 'application/x-ndjson', archive: 'application/x-tar' } as const;

function operationOf(route: Route): unknown {
  const media = mediaTypes[route.answers];
  const sent = route.takes === undefined ? 'application/json' : mediaTypes[route.takes];
  return {
    summary: route.summary,
    parameters: [...pathParameters(route.path), ...route.query.map(queryParameter)],
    ...(route.body === null
      ? {}
      : { requestBody: { description: route.body, required: true, content: { [sent]: { schema: { type: 'object' } } } } }),
    responses: { 200: { description: route.summary, content: { [media]: { schema: { type: 'object' } } } }, default: problem },
  };
}

function pathParameters(path: string): readonly unknown[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function queryParameter({ name, type, description }: Parameter): unknown {
  return { name, in: 'query', description, schema: { type } };
}
