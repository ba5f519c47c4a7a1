"""The embedded servers: real ones, as child processes in one data directory (docs/adr/0003)."""
