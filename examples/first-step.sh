#!/bin/sh
# The first requests with curl: a model, three agents, one step. Usage: examples/first-step.sh [http://127.0.0.1:3000]
set -eu
url=${1:-http://127.0.0.1:3000}
json='content-type: application/json'

# Three places in a row: seen without error; left, stay or right; the right one is liked.
answer=$(curl -sS --fail-with-body -X PUT "$url/v1/models" -H "$json" -d '{
  "A": [[[1,0,0], [0,1,0], [0,0,1]]],
  "B": [[[[1,1,0],[1,0,0],[0,0,0]], [[0,0,1],[0,1,0],[1,0,0]], [[0,0,0],[0,0,1],[0,1,1]]]],
  "C": [[0, 1, 2]]
}')
echo "$answer"
model=$(echo "$answer" | sed 's/.*"modelId":"\([0-9a-f]*\)".*/\1/')

population=curl-$$
curl -sS --fail-with-body -X POST "$url/v1/populations" -H "$json" \
  -d "{\"id\": \"$population\", \"modelId\": \"$model\", \"count\": 3, \"seed\": 1}"
echo

# One column for the one modality: what the first, second and third agent see. waitMs: answer when it is done.
curl -sS --fail-with-body -X POST "$url/v1/steps" -H "$json" -H "Idempotency-Key: $population-1" \
  -d "{\"population\": \"$population\", \"observations\": [[0, 2, null]], \"waitMs\": 5000}"
echo

curl -sS --fail-with-body -X DELETE "$url/v1/populations/$population"
echo
