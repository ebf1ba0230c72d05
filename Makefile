# Everything a person does here; each line only calls `chungcu`, in a virtual environment of its own.
# make demo · make test ARGS="-k petition" · make test PYTHON=python3.12
.DEFAULT_GOAL := help
.PHONY: help demo up down test bench chaos check logs clean secrets picture

PYTHON ?= python3
ifeq ($(PYTHON),python3)
VENV := .venv
else
VENV := .venv-$(patsubst python%,%,$(notdir $(PYTHON)))
# Where pyenv has the word, it answers to python3.12 only when asked for 3.12; others do not mind.
export PYENV_VERSION ?= $(patsubst python%,%,$(notdir $(PYTHON)))
endif
CHUNGCU := $(VENV)/bin/chungcu
RUNTIME := $(VENV)/.locked
DEVELOPMENT := $(VENV)/.locked-dev
PIP := $(VENV)/bin/python -m pip install -qq --disable-pip-version-check

help: ## Lệnh có sẵn · What there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

demo: $(RUNTIME) ## Khởi động, chơi câu chuyện mẫu, in bản rà soát · Start, play the story, print the review
	@$(CHUNGCU) demo

up: $(RUNTIME) ## Khởi động mọi thứ · Start everything
	@$(CHUNGCU) up

down: $(RUNTIME) ## Dừng, giữ dữ liệu · Stop, keep the data
	@$(CHUNGCU) down

test: $(DEVELOPMENT) ## Chạy kiểm thử (ARGS=…) · Run the tests
	@$(CHUNGCU) test $(ARGS)

bench: $(DEVELOPMENT) ## Đo hiệu năng bên cạnh các cách khác (ARGS="--only B1 --quick") · Measure beside rivals
	@$(CHUNGCU) bench $(ARGS)

chaos: $(DEVELOPMENT) ## Làm hỏng mọi thứ, 20 phút (ARGS=…) · Hurt everything, see that it holds
	@$(CHUNGCU) chaos $(ARGS)

check: $(DEVELOPMENT) ## Kiểm tra mã nguồn · Check the code
	@$(CHUNGCU) check

logs: $(RUNTIME) ## Xem nhật ký (ARGS="boards -f") · Show what services say
	@$(CHUNGCU) logs $(ARGS)

clean: $(RUNTIME) ## Xóa mọi thứ đã tạo · Remove all that was made
	@$(CHUNGCU) clean

picture: $(RUNTIME) ## Chụp trang rà soát vào docs/ · Take pictures of the review into docs/
	@$(CHUNGCU) picture

secrets: $(RUNTIME) ## Tạo secrets/ cho Docker Compose · Make secrets/ for Docker Compose
	@$(CHUNGCU) secrets

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Cần Python 3.11 trở lên · Python 3.11 or later is needed: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "· Tạo môi trường · Making $(VENV)" >&2
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "→ apt-get install python3-venv" >&2; exit 1; }

# What is locked is installed once; a changed lock, or a changed list of commands, installs again.
$(RUNTIME): requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "· Cài gói đã khóa · Installing locked packages: $<" >&2
	@$(PIP) --require-hashes -r $<
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEVELOPMENT): requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "· Cài gói đã khóa · Installing locked packages: $<" >&2
	@$(PIP) --require-hashes -r $<
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@ $(RUNTIME)
