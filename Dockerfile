# The portal in production: web, worker, beat and the migrate step are all this image with another command.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements/base.txt requirements/base.txt
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r requirements/base.txt
COPY . /app
WORKDIR /app
RUN /venv/bin/python scripts/messages.py compile
RUN SECRET_KEY=only-to-gather-files PORTAL_MODE=production STATIC_ROOT=/static \
    /venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.13-slim
# Views by mail are drawn as PDF: Pango, and fonts for Latin and Chinese.
RUN apt-get update -qq \
    && apt-get install --yes -qq --no-install-recommends \
        fontconfig fonts-liberation fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin portal && install -d -o portal -g portal /data
COPY --from=build /venv /venv
COPY --from=build /static /static
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=portal.settings \
    PORTAL_MODE=production \
    PORTAL_DATA_DIR=/data \
    STATIC_ROOT=/static
USER portal
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': 'localhost'}), timeout=4)"]
CMD ["gunicorn", "portal.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", \
     "--max-requests", "5000", "--max-requests-jitter", "500", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", \
     "--log-level", "warning"]
