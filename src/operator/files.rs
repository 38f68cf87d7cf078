//! Files whose change restarts the operator.
