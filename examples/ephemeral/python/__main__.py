import pulumi
import pulumi_atlas_token as atlas_token
import pulumi_mongodbatlas as mongodbatlas

# The form without "_output" would return the token as plain text, and the state would not encrypt it.
token = atlas_token.get_ephemeral_token_output()

atlas = mongodbatlas.Provider(
    "atlas",
    access_token=token.access_token,
    # The token is another one in every run.
    opts=pulumi.ResourceOptions(hide_diffs=["accessToken"]),
)

mongodbatlas.Project(
    "app",
    org_id=pulumi.Config().require("orgId"),
    opts=pulumi.ResourceOptions(provider=atlas),
)
