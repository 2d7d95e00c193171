package main

import (
	"github.com/REPOSITORY_OWNER/pulumi-atlas-token/sdk/go/atlastoken"
	"github.com/pulumi/pulumi-mongodbatlas/sdk/v4/go/mongodbatlas"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		// The form without "Output" would return the token as plain text, and the state would not encrypt it.
		token := atlastoken.GetEphemeralTokenOutput(ctx, atlastoken.GetEphemeralTokenOutputArgs{})

		atlas, err := mongodbatlas.NewProvider(ctx, "atlas", &mongodbatlas.ProviderArgs{
			AccessToken: token.AccessToken(),
		}, pulumi.HideDiffs([]string{"accessToken"})) // The token is another one in every run.
		if err != nil {
			return err
		}

		_, err = mongodbatlas.NewProject(ctx, "app", &mongodbatlas.ProjectArgs{
			OrgId: pulumi.String(config.Require(ctx, "orgId")),
		}, pulumi.Provider(atlas))
		return err
	})
}
