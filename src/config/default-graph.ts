/** In a file of its own, for whoever has no use for the rest of the settings. */
export const DEFAULT_GRAPH = "amadeus/knowledge_graph.json";
