"""The client that openapi-generator makes in Python: an upload, its edit, what an account has, and a refusal."""

import json
import os
import time
import urllib.request

from cavendish_client import ApiClient, Configuration
from cavendish_client.api import account_api, generations_api, images_api, models_api, nano_banana2_api
from cavendish_client.exceptions import BadRequestException
from cavendish_client.models import CheckBody, GenerateBody

client = ApiClient(Configuration(host=os.environ["ORIGIN"], access_token=os.environ["KEY"]))
images, orders = images_api.ImagesApi(client), nano_banana2_api.NanoBanana2Api(client)
account, generations = account_api.AccountApi(client), generations_api.GenerationsApi(client)

with open("lake.png", "rb") as file:
    uploaded = images.post_api_v1_uploads(file.read())
body = GenerateBody(prompt="a lake", mode="edit", input_image_urls=[uploaded.input_image_url])
created = orders.post_api_nano_banana2_generate(body)
while True:
    state = orders.post_api_nano_banana2_check_status(CheckBody(generation_id=created.generation_id))
    if state.status not in ("pending", "generating"):
        break
    time.sleep(0.05)
with urllib.request.urlopen(state.image_url) as picture:
    size = len(picture.read())
try:
    orders.post_api_nano_banana2_generate(GenerateBody(prompt="a lake", mode="edit"))
except BadRequestException as refusal:
    told = json.loads(refusal.body)["errorCode"]
listed = generations.get_api_v1_generations(limit=1).generations[0]
history = generations.get_api_v1_generations_generation_id_history(created.generation_id)
models = models_api.ModelsApi(client).get_api_v1_models()
read = [
    account.get_api_v1_credits(), account.get_api_v1_keys(), account.get_api_v1_me(), account.get_api_v1_statement(),
    account.get_api_v1_usage(), account.get_api_v1_session_offers(), models, history,
]  # fmt: skip
print(json.dumps({
    "status": state.status, "charged": state.credits_charged, "size": size, "told": told,
    "listed": listed.generation_id == created.generation_id, "read": all(one.success is True for one in read),
}))  # fmt: skip
