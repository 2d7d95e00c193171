import { golden } from "../../../support/golden";
import { endpoints } from "../../../support/oauth/contract";
import { errorFor, failuresOf } from "../../../support/oauth/failures";

describe("the message of an error", () => {
  const call = { origin: "https://cloud.mongodb.com", clientId: "mdb_sa_id_0123456789abcdef01234567" };
  for (const endpoint of endpoints) {
    for (const failure of Object.values(failuresOf(endpoint))) {
      it(`is documented by a golden file for ${failure.code} of ${endpoint}`, () => {
        golden(`client/${endpoint}-${failure.code}.txt`, errorFor(endpoint, failure, call).message);
      });
    }
  }
});
