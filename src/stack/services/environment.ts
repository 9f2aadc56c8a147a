import type { StackContext } from '../service.js';
import { region } from './seaweedfs.js';

/** The S3 keys, for processes that talk to S3. */
export function s3Environment(context: StackContext): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: context.secrets.s3AccessKey,
    AWS_SECRET_ACCESS_KEY: context.secrets.s3SecretKey.reveal(),
    AWS_REGION: region,
    // Without these, the AWS SDK looks for instance metadata and a user's own profiles.
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
