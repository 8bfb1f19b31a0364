// The client that openapi-generator makes in Java: a picture, and a refusal.
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.NanoBanana2Api;
import org.openapitools.client.model.CheckBody;
import org.openapitools.client.model.GenerateBody;
import org.openapitools.client.model.StatusAnswer;

public class Order {
  public static void main(String[] arguments) throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("ORIGIN"));
    client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + System.getenv("KEY")));
    NanoBanana2Api orders = new NanoBanana2Api(client);

    GenerateBody body = new GenerateBody().prompt("a lake").mode(GenerateBody.ModeEnum.GENERATE);
    CheckBody check = new CheckBody().generationId(orders.postApiNanoBanana2Generate(body, null).getGenerationId());
    StatusAnswer state = orders.postApiNanoBanana2CheckStatus(check);
    while (state.getProgress() < 100 && state.getStatus() != StatusAnswer.StatusEnum.FAILED) {
      Thread.sleep(50);
      state = orders.postApiNanoBanana2CheckStatus(check);
    }
    int size = URI.create(state.getImageUrl()).toURL().openStream().readAllBytes().length;

    ObjectMapper json = new ObjectMapper();
    String told = "";
    try {
      orders.postApiNanoBanana2Generate(body.mode(GenerateBody.ModeEnum.EDIT), null);
    } catch (ApiException refusal) {
      told = json.readTree(refusal.getResponseBody()).get("errorCode").asText();
    }
    System.out.println(json.writeValueAsString(Map.of(
        "status", state.getStatus().getValue(), "charged", state.getCreditsCharged(), "size", size, "told", told)));
  }
}
