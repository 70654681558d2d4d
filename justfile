# `just` lists what there is; each line also works typed by hand.

# What there is.
default:
    @just --list

# All that CI asks for.
ci:
    bash .ci/run

# Every problem of the workflows and templates.
check:
    cargo run --quiet -- check

# Every test, with the examples in the documentation.
test *filter:
    cargo test {{filter}}

# Formatting and clippy, without exceptions.
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# Throughput and lateness, beside the raw limit of the same store.
bench:
    cargo run --release -- bench all

# Two cohorts, seven weeks, about a minute.
demo:
    cargo run --release -- demo

# A hold's calendar before it happens: just simulate holstebro-introforloeb 2026-02-02
simulate workflow start *options:
    cargo run --release --quiet -- simulate {{workflow}} --start {{start}} {{options}}

# Licences, sources and known vulnerabilities of the dependencies; needs cargo-deny.
deps:
    cargo deny check
