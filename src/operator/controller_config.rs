//! The file that `--config` names: where metrics are served, and with which TLS settings.
