//! What is known of the cluster that tests are chosen for.

use super::expression::Scope;
use super::spec::Selector;

/// The environment's flags (upstream's pkg/flags/environment.go). `openshift-tests` passes those that it could find out.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Environment")]
pub struct Environment {
    /// API group that the cluster serves; may be given again
    #[arg(long = "api-group", value_name = "GROUP")]
    pub api_groups: Vec<String>,

    /// Processor architecture, as amd64
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub architecture: String,

    /// Disconnected, Direct or Proxied
    #[arg(long, value_name = "HOW", default_value = "", hide_default_value = true)]
    pub external_connectivity: String,

    /// Fact that a component tells, as KEY=VALUE; may be given again
    #[arg(long = "fact", value_name = "KEY=VALUE", value_delimiter = ',', value_parser = fact)]
    pub facts: Vec<String>,

    /// Feature gate that is on; may be given again
    #[arg(long = "feature-gate", value_name = "NAME")]
    pub feature_gates: Vec<String>,

    /// Network plugin, as ovn
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub network: String,

    /// ipv4, ipv6 or dual
    #[arg(long, value_name = "FAMILY", default_value = "", hide_default_value = true)]
    pub network_stack: String,

    /// Optional capability that is enabled, as ImageRegistry; may be given again
    #[arg(long = "optional-capability", alias = "optional-capabilities", value_name = "NAME", value_delimiter = ',')]
    pub optional_capabilities: Vec<String>,

    /// Platform, as aws or metal
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub platform: String,

    /// Topology of the control plane, as HighlyAvailable
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub topology: String,

    /// Upgrade that went before, as Micro, Minor or None
    #[arg(long, value_name = "KIND", default_value = "", hide_default_value = true)]
    pub upgrade: String,

    /// Version of the cluster
    #[arg(long, value_name = "VERSION", default_value = "", hide_default_value = true)]
    pub version: String,
}

/// A fact is a pair.
fn fact(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((key, _)) if !key.is_empty() => Ok(text.to_owned()),
        _ => Err("write KEY=VALUE".to_owned()),
    }
}

impl Environment {
    /// Whether a test is for such a cluster. Where nothing is known, every test is; an exclusion wins.
    pub fn admits(&self, selector: &Selector) -> bool {
        let Selector { include, exclude } = selector;
        let holds = |expression: &super::Expression| expression.holds(self);
        *self == Environment::default() || !exclude.as_ref().is_some_and(holds) && include.as_ref().is_none_or(holds)
    }
}

impl Scope for Environment {
    fn text(&self, variable: &str) -> &str {
        match variable {
            "architecture" => &self.architecture,
            "externalConnectivity" => &self.external_connectivity,
            "network" => &self.network,
            "networkStack" => &self.network_stack,
            "platform" => &self.platform,
            "topology" => &self.topology,
            "upgrade" => &self.upgrade,
            "version" => &self.version,
            _ => "",
        }
    }

    fn list(&self, variable: &str) -> &[String] {
        match variable {
            "apiGroups" => &self.api_groups,
            "featureGates" => &self.feature_gates,
            "optionalCapabilities" => &self.optional_capabilities,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Environment;
    use crate::tests_ext::protocol::{Expression, Selector};

    #[test]
    fn exclusion_wins_and_nothing_known_admits_everything() {
        let capability = Expression::Has("optionalCapabilities", "ImageRegistry");
        let selector =
            Selector { include: Some(capability.clone()), exclude: Some(Expression::Is("topology", "External")) };
        let environment = |capability: &str, topology: &str| Environment {
            optional_capabilities: vec![capability.to_owned()],
            topology: topology.to_owned(),
            ..Environment::default()
        };
        assert!(Environment::default().admits(&selector));
        assert!(environment("ImageRegistry", "HighlyAvailable").admits(&selector));
        assert!(!environment("ImageRegistry", "External").admits(&selector));
        assert!(!environment("Console", "HighlyAvailable").admits(&selector));
        assert!(environment("Console", "External").admits(&Selector::default()));
    }
}
