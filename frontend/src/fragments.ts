import "htmx.org/dist/htmx.esm.js";
import "htmx.org/dist/ext/hx-csp.js";
import { searchByEarlyChoices } from "./elements/early-choice";
import { watchRequests } from "./elements/request-failed";

watchRequests(document);
searchByEarlyChoices(document);
