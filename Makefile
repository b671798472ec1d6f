PYTHON ?= python3
VENV   ?= .venv
PEERS  ?= .venv-peers
BIN     = $(VENV)/bin
EXP    ?= oil
export TF_CPP_MIN_LOG_LEVEL ?= 3

# Variables of the user become options only where they are set.
options = $(if $(ABLATION),--ablation "$(ABLATION)") $(if $(SEED),--seed $(SEED))

.DEFAULT_GOAL := help
.PHONY: help setup lint test test-slow test-cluster new check train sample film web export evaluate ablate report runs bench bench-peers included clean

help: ## show this list
	@echo "make TARGET [EXP=oil] [ABLATION=name] [SEED=0] [INPUT=folder] [OUTPUT=folder] [STYLE=name] [STYLE_IMAGE=file] [STRENGTH=0.5] [ARGS='key=value ...']"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 14

setup: $(VENV)/.ready ## make .venv and install everything (other targets do it on first use)

$(VENV)/.ready: pyproject.toml constraints.txt
	@echo "setting up $(VENV) (once; a few minutes)"
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Python 3.11 to 3.13 is needed, this is {v[0]}.{v[1]}; try: make PYTHON=python3.11 ...")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

lint: setup ## ruff (style and format) and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# Whatever the environment says: the tests start the package in many processes, and compile it only once.
test: export PYTHONDONTWRITEBYTECODE =
test: setup ## the test suite, in up to four processes
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

test-slow: setup ## the longer trials
	@$(BIN)/python -m pytest -m slow --timeout 3600

test-cluster: setup ## tables on a real Slurm, started here; needs slurmctld, slurmd, slurm-client, munge, and root
	@$(BIN)/python -m pytest -m cluster tests/cluster

new: setup ## plan an experiment NAME on your pictures: SOURCE=photographs TARGET=paintings MINUTES=40
	@$(BIN)/gan-style new "$(NAME)" --source "$(SOURCE)" --target "$(TARGET)" $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

check: setup ## show what EXP would train, without training
	@$(BIN)/gan-style check "$(EXP)" $(if $(ABLATION),--ablation "$(ABLATION)") $(ARGS)

train: setup ## train EXP, or go on where it was stopped
	@$(BIN)/gan-style train "$(EXP)" $(options) $(ARGS)

sample: setup ## paint INPUT (default: bundled photos) with the newest run of EXP
	@$(BIN)/gan-style sample "$(EXP)" $(options) $(if $(INPUT),--input "$(INPUT)") $(if $(OUTPUT),--output "$(OUTPUT)") $(if $(STYLE),--style "$(STYLE)") $(if $(STYLE_IMAGE),--style-image "$(STYLE_IMAGE)") $(if $(STRENGTH),--strength $(STRENGTH)) $(ARGS)

film: setup ## paint the film INPUT into OUTPUT with the newest run of EXP
	@$(BIN)/gan-style film "$(EXP)" $(options) --input "$(INPUT)" --output "$(OUTPUT)" $(if $(STYLE),--style "$(STYLE)") $(if $(STYLE_IMAGE),--style-image "$(STYLE_IMAGE)") $(if $(STRENGTH),--strength $(STRENGTH)) $(ARGS)

web: setup ## open the page in the browser: paint, follow trainings, ask people
	@$(BIN)/gan-style serve $(ARGS)

export: setup ## write the newest run of EXP as a file for other libraries: TO=onnx, litert, keras, saved-model or page
	@$(BIN)/gan-style export "$(EXP)" $(options) --to "$(or $(TO),onnx)" $(if $(OUTPUT),--output "$(OUTPUT)") $(if $(STRENGTH),--strength $(STRENGTH)) $(ARGS)

evaluate: setup ## measure the newest run of EXP against its two references
	@$(BIN)/gan-style evaluate "$(EXP)" $(options) $(ARGS)

ablate: setup ## train and evaluate all variants of EXP with SEEDS seeds, JOBS at a time or ON a cluster, for MINUTES each (default: their own steps)
	@$(BIN)/gan-style ablate "$(EXP)" $(if $(SEEDS),--seeds $(SEEDS)) $(if $(JOBS),--jobs $(JOBS)) $(if $(ON),--on "$(ON)") $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

runs: setup ## list the runs
	@$(BIN)/gan-style runs $(ARGS)

report: setup ## tables, plots and one page of EXP's results
	@$(BIN)/gan-style report "$(EXP)" $(ARGS)

bench: setup ## measure training, sampling and data on this machine
	@$(BIN)/python -m benchmarks.speed $(ARGS)

bench-peers: setup $(PEERS)/.ready ## the same training and painting beside PyTorch's, for an hour or two (ARGS='--quick --only step-64')
	@$(BIN)/python -m benchmarks.peers --python $(PEERS)/bin/python $(ARGS)

# PyTorch is a yardstick and no requirement. Processors suffice: where the registry's build brings CUDA along,
# set PIP_INDEX_URL to PyTorch's own index of CPU builds.
$(PEERS)/.ready: Makefile
	@echo "setting up $(PEERS) with PyTorch (once; a few minutes)"
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	@touch $@

# What is included, made again: each is trained, evaluated where it has a painter to be compared with, and packed.
trained = $(BIN)/gan-style train $(1) --runs runs
packed = $(BIN)/gan-style pack runs/$(1)/seed0 gan_style/included/$(2)
drawn = --pictures "drawn scenes of this project, Apache-2.0" \
	--pictures "photographs that come with scikit-image, each under its licence"
free = --pictures "21 photographs, CC0 or public domain" --pictures "101 paintings, public domain"
seen = method.$(1).weights="$(TEACHER)"

included: setup ## train what is included again, and pack it, in about three hours: TEACHER=vgg19.npz
	@test -f "$(TEACHER)" || { echo "make included TEACHER=FILE: VGG19 with normalised activations, .npz"; exit 2; }
	$(call trained,features) --name included $(call seen,teacher)
	$(call trained,features) --ablation moments --name included-moments $(call seen,teacher) train.init_from=runs/features/included/seed0
	$(call packed,features/included-moments,features) $(drawn) $(free) \
		--about "VGG19's relu1_1, relu2_1 and relu3_1 in 16, 32 and 96 principal components"
	$(call trained,oil) --name included
	$(BIN)/gan-style evaluate runs/oil/included/seed0
	$(call packed,oil/included,oil) --about "oil paint in broad strokes" $(drawn)
	$(call trained,paired) --name included
	$(BIN)/gan-style evaluate runs/paired/included/seed0
	$(call packed,paired/included,watercolor) --about "washes of watercolor on rough paper" $(drawn)
	$(call trained,paired) --ablation sketch --name included-sketch
	$(BIN)/gan-style evaluate runs/paired/included-sketch/seed0
	$(call packed,paired/included-sketch,sketch) --about "charcoal on rough paper" $(drawn)
	$(call trained,cartoon) --ablation small --name included
	$(BIN)/gan-style evaluate runs/cartoon/included/seed0
	$(call packed,cartoon/included,cartoon) --about "flat colours and black contours" $(drawn)
	$(call trained,adain) --ablation paintings --name included $(call seen,loss_features)
	$(call trained,adain) --ablation paintings --name included-content $(call seen,loss_features) \
		method.weights.content=30 method.optimizer.learning_rate=4e-4 method.optimizer.decay_start=0.2 \
		train.steps=1200 train.init_from=runs/adain/included/seed0
	$(call packed,adain/included-content,any) --about "the style of any picture" $(free)

clean: ## remove .venv, .venv-peers and caches of tools (runs/ stays)
	rm -rf $(VENV) $(PEERS) .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
