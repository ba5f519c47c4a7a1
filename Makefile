# Sealcast. `make help` lists what can be made.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo dev test lint format bench bench-licence bench-upload bench-player campaign histories doctor lock clean

VIDEO ?=
ONCE ?=
SEALCAST := .venv/bin/sealcast

help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

setup: ## install what is needed to run (Debian packages, .venv, player)
	@deploy/setup/install.sh base

setup-dev: ## the same, with the tools for tests
	@deploy/setup/install.sh dev

demo: setup ## publish a video and play it (VIDEO=path for your own; ONCE=1 to prove playback and exit)
	@$(SEALCAST) demo $(if $(VIDEO),"$(VIDEO)") $(if $(ONCE),--once)

dev: setup ## run everything on this machine until Ctrl-C
	@$(SEALCAST) dev

doctor: setup ## say what is missing on this machine
	@$(SEALCAST) doctor

test: setup-dev lint ## all tests, on real servers
	web/build.sh test
	.venv/bin/python -m pytest --numprocesses 2 --dist loadfile --durations 15

lint: setup-dev ## formatting, lint, types, import directions
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	web/build.sh npm run check

format: setup-dev ## rewrite the code the way lint wants it
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: setup-dev ## CPU and wall time beside a plain ffmpeg and packager run, as ratios
	.venv/bin/python -m bench

bench-licence: setup-dev ## OTPs and licences per second beside a route with one SELECT, as ratios
	.venv/bin/python -m bench.licence

bench-upload: setup-dev ## an upload through tus beside a socket copied to disk, as a ratio
	.venv/bin/python -m bench.upload

bench-player: setup-dev ## time to the first frame beside a bare page with Shaka Player, as a ratio
	web/build.sh
	.venv/bin/python -m bench.player

campaign: setup-dev ## the long campaigns at full length (crash matrix, fuzz, soak)
	SEALCAST_CAMPAIGN=full .venv/bin/python -m pytest -m campaign --timeout 0

histories: setup-dev ## record the workflow histories that the replay tests use
	.venv/bin/python -m tests.replay.record

lock: ## renew requirements/*.txt (needs uv)
	uv pip compile pyproject.toml --extra embedded --extra web --extra build --extra dev --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 -o requirements/dev.txt
	uv pip compile pyproject.toml --extra embedded --extra web --extra build --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 -c requirements/dev.txt -o requirements/base.txt

clean: ## remove the environment and the demo's data
	rm -rf .venv .sealcast web/player/node_modules api/static/player
