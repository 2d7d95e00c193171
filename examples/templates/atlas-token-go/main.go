package main

import (
	"github.com/REPOSITORY_OWNER/pulumi-atlas-token/sdk/go/atlastoken"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		token, err := atlastoken.NewServiceAccountToken(ctx, "ci", &atlastoken.ServiceAccountTokenArgs{
			// The first `pulumi up` within ten minutes of expiry replaces the token.
			RenewBefore: pulumi.String("10m"),
		})
		if err != nil {
			return err
		}

		// Always a secret: `pulumi stack output accessToken --show-secrets` shows it.
		ctx.Export("accessToken", token.AccessToken)
		ctx.Export("expiresAt", token.ExpiresAt)
		return nil
	})
}
