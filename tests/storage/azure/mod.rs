//! Containers in Azure storage accounts, at a stand-in of the Resource Manager in front of a real azurite.

#![allow(clippy::result_large_err, reason = "what a service refuses is answered, too")]

mod accounts;
pub mod blobs;
pub mod cloud;
mod clouds;
mod creating;
mod credentials;
mod kills;
mod login;
mod manager;
mod network;
mod ownership;
mod private;
mod schema;
mod state;
mod trouble;
