//! The documents and expressions of the OpenShift Tests Extension protocol, v1.1
//! (github.com/openshift-eng/openshift-tests-extension, pkg/extension).

mod environment;
mod expression;
mod extension;
mod junit;
mod outcome;
mod spec;

pub use self::environment::Environment;
pub use self::expression::Expression;
pub use self::extension::{Component, Extension, Source, Suite};
pub use self::junit::junit;
pub use self::outcome::{Detail, Outcome, Verdict};
pub use self::spec::{Lifecycle, Resources, Selector, Spec};
