import type { Profile, Shape } from "../profile.ts";

const service: Readonly<Record<string, Shape>> = {
  name: "text",
  category: "text",
  dependencies: "texts",
  metadata: "object",
};

/**
 * Amadeus, the knowledge persistence of the OVASABI platform. One wrong type anywhere makes it start empty, without a word,
 * and save that emptiness over the graph; so a graph that it could not load is never given to it and never uploaded.
 */
export const amadeus: Profile = {
  name: "amadeus",
  clockFields: ["last_updated"],
  signature: ["version", "last_updated", "services", "patterns"],
  members: {
    version: "text",
    last_updated: "rfc3339",
    system_components: "object",
    repository_structure: "object",
    services: { mapOf: service },
    nexus: "object",
    patterns: { mapOf: service },
    database_practices: "object",
    redis_practices: "object",
    amadeus_integration: "object",
  },
  records: ["/services/*", "/patterns/*"],
};
