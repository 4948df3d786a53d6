/** Entry of the page with the map of data flows. */
import "./flow-map";
