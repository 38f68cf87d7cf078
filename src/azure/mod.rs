//! The ways to be authorised by Azure's clouds.

mod credential;
mod shared_key;

pub use credential::{Credential, Identity, Proof, Tokens};
pub use shared_key::authorization;
