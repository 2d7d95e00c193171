import pulumi
import pulumi_atlas_token as atlas_token

token = atlas_token.ServiceAccountToken(
    "ci",
    # The first `pulumi up` within ten minutes of expiry replaces the token.
    renew_before="10m",
)

# Always a secret: `pulumi stack output accessToken --show-secrets` shows it.
pulumi.export("accessToken", token.access_token)
pulumi.export("expiresAt", token.expires_at)
