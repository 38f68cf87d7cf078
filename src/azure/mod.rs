//! Azure's clouds and the ways to be authorised by them.

mod clouds;
mod credential;
mod shared_key;

pub use clouds::{Cloud, STACK};
pub use credential::{Credential, Identity, Proof, Tokens};
pub use shared_key::authorization;
