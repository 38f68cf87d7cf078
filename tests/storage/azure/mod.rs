//! Containers in Azure storage accounts.

mod accounts;
mod blobs;
mod cloud;
mod creating;
mod login;
mod manager;
mod network;
mod schema;
mod state;
