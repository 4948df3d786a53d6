import "./portal.css";
import "./elements/confirm-dialog";
import "./elements/copy-button";
import "./elements/local-time";
import "./elements/share-landing";
import "./elements/theme-switch";
import "./elements/upload-folder";

// Only pages with fragments load htmx: those of guests and patients stay small.
if (document.querySelector("[hx-get], [hx-post]")) void import("./fragments");
