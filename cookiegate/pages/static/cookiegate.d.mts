// TypeScript looks for the types of cookiegate.mjs here.
export * from "./cookiegate.js";
