# The dashboard in a container, built without a network from a folder of wheels:
#
#   pip wheel -c constraints.txt -w wheels .                     (where there is a network, on Linux, with Python 3.12)
#   docker build -t ringfence .
#   docker run --rm -p 127.0.0.1:5006:5006 ringfence             (then open http://localhost:5006)
#
# No image has been built from this file yet: there was no registry in reach to take the base image from. What it runs is what
# scripts/try-wheel runs without a container. Only the base image comes from elsewhere. See docs/guide/serving.md before others can reach it.
FROM python:3.12-slim
RUN --mount=type=bind,source=wheels,target=/wheels \
    pip install --no-index --find-links=/wheels --no-cache-dir ringfence
RUN useradd --create-home ringfence
USER ringfence
WORKDIR /home/ringfence
RUN ringfence warm
EXPOSE 5006
CMD ["ringfence", "serve", "--address", "0.0.0.0", "--port", "5006", "--allow", "localhost:5006"]
