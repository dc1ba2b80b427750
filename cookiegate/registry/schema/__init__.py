"""The registry file's keys and types, as msgspec Structs, and the JSON Schema made from them."""
