# One image for all four services and the migration; which one it is, the command says.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/chungcu

# Packages change less often than code: a layer of their own.
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY services services
COPY ops ops
RUN pip install --no-deps --no-build-isolation . && python -m compileall -q /srv/chungcu

# No name, no home, no rights.
USER 10001:10001
CMD ["chungcu", "--help"]
