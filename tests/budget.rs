//! Budgets that hold on every machine: memory of a cold run, allocations of a rendering.
//!
//! Time is left to the benchmarks, since it depends on the machine and on what else it does.

#![allow(clippy::expect_used, reason = "a test stops at the first thing that is missing")]

use cluster_image_registry_operator::inputs::files::{self, EnvSource};
use cluster_image_registry_operator::render::render;
use divan::AllocProfiler;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use wait4::Wait4;
