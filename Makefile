# SPDX-License-Identifier: MIT
# `make help` lists the targets. Each does its own set-up; the scripts can be called directly as well.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup run test api-check tls-check crash-test compare-stores replay bench bench-stores bench-peers costs scale login-flood format lint tsan clean

# The server's options, for example: make run ARGS="--ws-port 9000 --log-level debug"
ARGS ?=
# What is measured, for example: make bench SHAPES="1 100 rooms"
SHAPES ?=
# How often `make crash-test` kills the server (SQLite), and stops Postgres under it.
KILLS ?= 200
CRASHES ?= 20
# What is formatted and linted.
SWIFT_FILES := Sources Tests Examples Package.swift

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)$$/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## install what is missing to build
	@scripts/setup.sh build

run: setup ## build the server and start it on data/chat.sqlite, logs in data/logs (ARGS="…" for its options)
	@mkdir -p data
	swift build -c release --product chat-server
	@exec "$$(swift build -c release --show-bin-path)/chat-server" --store sqlite:data/chat.sqlite \
		--activity-log data/logs $(ARGS)

test: ## everything: unit tests, embedding, kills, browser, terminal, HTTP, TLS, costs, lint
	@scripts/setup.sh test
	swift build --build-tests
	scripts/unit-tests.sh
	scripts/test-embedding.sh
	scripts/crash-test.sh debug
	STORE=postgres KILLS=2 scripts/crash-test.sh debug
	scripts/browser-test.sh debug
	scripts/terminal-test.sh debug
	scripts/api-check.sh debug
	scripts/tls-check.sh debug report
	scripts/cost-check.sh
	@$(MAKE) --no-print-directory lint

api-check: ## run the example of docs/http.md and a property-based client against the HTTP API: make api-check [EXAMPLES=200]
	scripts/api-check.sh release $(or $(EXAMPLES),200)

tls-check: setup ## an examiner of TLS (sslyze) and twice 1 000 half-open connections against the server, 1 min
	@scripts/setup.sh test
	@scripts/tls-check.sh release

crash-test: ## kill the server and Postgres at random moments under load: make crash-test [KILLS=200] [CRASHES=20]
	@scripts/setup.sh test
	KILLS=$(KILLS) scripts/crash-test.sh release
	STORE=postgres KILLS=$(CRASHES) scripts/crash-test.sh release

compare-stores: ## take real IRC logs into SQLite and Postgres and compare: make compare-stores DATA=folder
	@scripts/setup.sh test
	@scripts/read-bench.sh compare --data $(or $(DATA),../shared/data/irc-log)

replay: setup ## play IRC logs into a fresh server and compare: make replay [DATA=folder] [DAYS=20]
	@scripts/replay.sh

bench: setup ## compare the server with a floor, 25 min on a quiet machine: docs/performance.md
	@scripts/bench.sh $(SHAPES)

bench-stores: setup ## durable messages per second beside a bare loop, SQLite and Postgres, 10 min on a quiet machine
	@scripts/setup.sh test
	@scripts/bench-stores.sh

bench-peers: setup ## the same with other servers, as far as they can be installed
	@scripts/bench-peers.sh

costs: ## instructions and allocations per message against their thresholds: make costs [UPDATE=--update]
	@scripts/setup.sh test
	scripts/cost-check.sh $(UPDATE)

scale: setup ## memory and CPU of 19 000 connections, 100 000 rooms, a room of 10 000: make scale
	@scripts/scale.sh

login-flood: setup ## what 200 logins in flight do to a room that chats, 2 min on a quiet machine
	@scripts/login-flood.sh

format: ## format every Swift file in place
	swift format --in-place --parallel --recursive $(SWIFT_FILES)

lint: ## check the format of every Swift file
	swift format lint --strict --parallel --recursive $(SWIFT_FILES)

tsan: setup ## the tests under the thread sanitizer
	SWIFT_BACKTRACE=enable=no swift test --sanitize=thread --scratch-path .build-tsan --disable-xctest

clean: ## remove what was built (not data/)
	rm -rf .build .build-tsan test-output .venv
