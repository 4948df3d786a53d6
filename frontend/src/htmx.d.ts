// The extensions of htmx are plain scripts that register themselves with the global `htmx`.
declare module "htmx.org/dist/htmx.esm.js";
declare module "htmx.org/dist/ext/hx-csp.js";
