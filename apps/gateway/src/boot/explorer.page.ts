// Swagger UI as a page of the gateway's own. Scripts and styles are files, so that the policy needs no 'unsafe-inline'.

export const PAGE_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>maas-gateway API</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png" sizes="32x32">
<link rel="preload" href="/openapi.json" as="fetch" crossorigin>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/explorer.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/explorer.js" defer></script>
</head>
<body>
<main id="explorer"><h1>maas-gateway API</h1><p>Loading <a href="/openapi.json">the OpenAPI document</a> …</p></main>
</body>
</html>
`;

export const PAGE_CSS = `html { box-sizing: border-box; overflow-y: scroll }
*, *::before, *::after { box-sizing: inherit }
body { margin: 0; background: #fafafa }
#explorer > h1, #explorer > p { margin: 1rem; font-family: sans-serif }
`;

/**
 * - Authorization is not persisted: a token in localStorage outlives the tab, and any script of this origin can read it.
 * - Without `validatorUrl: null`, Swagger UI asks a public server to validate the document.
 */
export const PAGE_SCRIPT = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#explorer',
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  queryConfigEnabled: false,
  validatorUrl: null
});
`;

/** Swagger UI sets styles by scripts, and its style sheet has images as \`data:\` URLs. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  // For browsers that do not know frame-ancestors.
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};
