# Any image with Python 3.11 or newer and glibc serves: docker build --build-arg BASE=… .
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build

ENV UV_LINK_MODE=copy \
    UV_NO_CACHE=1
WORKDIR /build

# What changes seldom comes first: an edit of the code reinstalls nothing but the code.
COPY requirements/installer.txt requirements/runtime.txt requirements/
RUN python -m venv /opt/installer \
    && /opt/installer/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/installer.txt \
    && python -m venv --without-pip /opt/followthrough \
    && /opt/installer/bin/uv pip install --python /opt/followthrough/bin/python --require-hashes --only-binary :all: \
        --compile-bytecode -r requirements/runtime.txt

COPY pyproject.toml LICENSE ./
COPY app app
COPY migrations migrations
RUN /opt/installer/bin/uv pip install --python /opt/followthrough/bin/python --no-deps --no-build-isolation \
        --compile-bytecode . \
    # The installer's lock can be written by everybody, and nobody needs it any more.
    && rm -f /opt/followthrough/.lock


FROM ${BASE}

LABEL org.opencontainers.image.title="Followthrough" \
      org.opencontainers.image.description="An open register of what partner countries promised each other" \
      org.opencontainers.image.licenses="Apache-2.0"

# A fixed number, so that a mounted folder can be given to it, and so that a cluster can see that it is not root.
RUN groupadd --system --gid 10001 followthrough \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin followthrough \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data

COPY --from=build /opt/followthrough /opt/followthrough

ENV PATH=/opt/followthrough/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    FOLLOWTHROUGH_DATA_DIR=/data

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000

# The first start makes and fills the register, hence the start period.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=4)"]

CMD ["followthrough", "serve"]
