import "./portal.css";
import "./elements/bulk-actions";
import "./elements/confirm-dialog";
import "./elements/copy-button";
import "./elements/local-time";
import "./elements/patient-landing";
import "./elements/patient-passkey";
import "./elements/print-button";
import "./elements/session-guard";
import "./elements/row-keys";
import "./elements/share-landing";
import "./elements/theme-switch";
import "./elements/upload-folder";
import "./elements/upload-pictures";

// Only pages with fragments load htmx: those of guests and patients stay small.
if (document.querySelector("[hx-get], [hx-post]")) void import("./fragments");
