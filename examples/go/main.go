package main

import (
	"github.com/REPOSITORY_OWNER/pulumi-atlas-token/sdk/go/atlastoken"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		token, err := atlastoken.NewServiceAccountToken(ctx, "ci", &atlastoken.ServiceAccountTokenArgs{
			// The first `pulumi up` within ten minutes of expiry replaces the token.
			RenewBefore: pulumi.String("10m"),
			Keepers:     pulumi.Map{"release": pulumi.String(config.Require(ctx, "release"))},
		})
		if err != nil {
			return err
		}

		// Whatever depends on the token gets the new one before the old one is revoked.
		header, err := pulumi.NewStash(ctx, "header", &pulumi.StashArgs{
			Input: pulumi.Sprintf("Bearer %s", token.AccessToken),
		}, pulumi.ReplaceOnChanges([]string{"input"}))
		if err != nil {
			return err
		}

		ctx.Export("authorization", header.Output)
		ctx.Export("expiresAt", token.ExpiresAt)
		return nil
	})
}
