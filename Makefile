# What this project does, in one word each. Every word first sees that the machine has what it takes.

SHELL := /bin/bash
.SHELLFLAGS := -euc
.DEFAULT_GOAL := help
.PHONY: help run test bench drill lab lint

# Where rustup puts cargo, for shells that don't know it.
export PATH := $(PATH):$(HOME)/.cargo/bin

help: ## says what there is
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 12

run: ## builds Epitrace and serves a demo on real data, and opens it in your browser; ARGS="--config FILE" with a configuration
	@scripts/setup run
	@scripts/page build
	cargo build --release --locked -p epitrace
	@$${CARGO_TARGET_DIR:-target}/release/epitrace serve --demo --open --data target/demo $(ARGS)

test: ## runs all tests, with a PostgreSQL, an Apache Kafka and browsers of their own; ARGS="-p domain" runs some
	@scripts/setup test
	@scripts/page build
	@scripts/page test
	cargo run -q -p xtask -- test $(ARGS)

bench: ## runs the benchmarks, each beside a peer or a limit
	@scripts/setup test
	@case " $(ARGS) " in *" cell "*) scripts/setup lab;; esac
	@scripts/page build
	cargo run -q -p xtask -- bench $(ARGS)

drill: ## runs what takes too long for the tests: races, losses, loads
	@scripts/setup test
	@scripts/setup lab
	@scripts/page build
	@scripts/drill $(ARGS)

lab: ## a whole cell as hosts on this machine, for root; ARGS="up" brings it up, without it says what else there is
	@scripts/setup lab
	@case "$(ARGS)" in up*) scripts/page build && cargo build --release --locked -p epitrace;; esac
	@scripts/lab $(ARGS)

lint: ## checks form, lints, floors and licences
	@scripts/setup test
	@scripts/page lint
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo run -q -p xtask -- floors
	cargo run -q -p xtask -- licences
