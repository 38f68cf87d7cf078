//! The expressions that choose tests: written in CEL for the caller, and evaluated here.
//!
//! The protocol lets any CEL expression stand there. Ours are of this closed set, so that no interpreter is needed.

use serde::{Serialize, Serializer};
use std::fmt;

/// What an expression speaks of.
pub trait Scope {
    /// The value of a variable of type string.
    fn text(&self, variable: &str) -> &str;
    /// The values of a variable that is a list of strings.
    fn list(&self, variable: &str) -> &[String];
}

/// A condition. Its Display is CEL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// A variable has this value.
    Is(&'static str, &'static str),
    /// A variable has this within its value.
    Contains(&'static str, &'static str),
    /// A list has this item.
    Has(&'static str, &'static str),
    /// The other does not hold.
    Not(Box<Expression>),
    /// All of them hold.
    All(Vec<Expression>),
    /// One of them holds.
    Any(Vec<Expression>),
}

impl Expression {
    /// Whether it holds.
    pub fn holds(&self, scope: &dyn Scope) -> bool {
        match self {
            Expression::Is(variable, value) => scope.text(variable) == *value,
            Expression::Contains(variable, part) => scope.text(variable).contains(part),
            Expression::Has(variable, item) => scope.list(variable).iter().any(|found| found == item),
            Expression::Not(other) => !other.holds(scope),
            Expression::All(parts) => parts.iter().all(|part| part.holds(scope)),
            Expression::Any(parts) => parts.iter().any(|part| part.holds(scope)),
        }
    }

    /// That it does not hold.
    #[must_use]
    pub fn not(self) -> Self {
        Expression::Not(Box::new(self))
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |formatter: &mut fmt::Formatter<'_>, parts: &[Expression], operator: &str| {
            let parts: Vec<String> = parts.iter().map(Expression::to_string).collect();
            write!(formatter, "({})", parts.join(operator))
        };
        // A quoted string of Rust is one of CEL, too, as long as it holds nothing to escape.
        match self {
            Expression::Is(variable, value) => write!(formatter, "{variable} == {value:?}"),
            Expression::Contains(variable, part) => write!(formatter, "{variable}.contains({part:?})"),
            Expression::Has(variable, item) => write!(formatter, "{variable}.exists(item, item == {item:?})"),
            Expression::Not(other) => write!(formatter, "!({other})"),
            Expression::All(parts) => joined(formatter, parts, " && "),
            Expression::Any(parts) => joined(formatter, parts, " || "),
        }
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{Expression, Scope};

    struct Words(Vec<String>);

    impl Scope for Words {
        fn text(&self, variable: &str) -> &str {
            if variable == "name" { "a [Serial] test" } else { "" }
        }

        fn list(&self, _: &str) -> &[String] {
            &self.0
        }
    }

    #[test]
    fn an_expression_is_written_and_evaluated_alike() {
        let scope = Words(vec!["one".to_owned()]);
        let serial = || Expression::Contains("name", "[Serial]");
        for (expression, text, holds) in [
            (Expression::Is("source", ""), r#"source == """#, true),
            (serial(), r#"name.contains("[Serial]")"#, true),
            (serial().not(), r#"!(name.contains("[Serial]"))"#, false),
            (Expression::Has("labels", "one"), r#"labels.exists(item, item == "one")"#, true),
            (Expression::Has("labels", "on"), r#"labels.exists(item, item == "on")"#, false),
            (
                Expression::Any(vec![Expression::Is("name", "b"), serial()]),
                r#"(name == "b" || name.contains("[Serial]"))"#,
                true,
            ),
            (
                Expression::All(vec![Expression::Is("name", "b"), serial()]),
                r#"(name == "b" && name.contains("[Serial]"))"#,
                false,
            ),
        ] {
            assert_eq!((expression.to_string().as_str(), expression.holds(&scope)), (text, holds));
        }
    }
}
