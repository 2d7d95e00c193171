import pulumi
import pulumi_atlas_token as atlas_token

config = pulumi.Config()

token = atlas_token.ServiceAccountToken(
    "ci",
    # The first `pulumi up` within ten minutes of expiry replaces the token.
    renew_before="10m",
    keepers={"release": config.require("release")},
)

# Whatever depends on the token gets the new one before the old one is revoked.
header = pulumi.Stash(
    "header",
    input=pulumi.Output.concat("Bearer ", token.access_token),
    opts=pulumi.ResourceOptions(replace_on_changes=["input"]),
)

pulumi.export("authorization", header.output)
pulumi.export("expiresAt", token.expires_at)
