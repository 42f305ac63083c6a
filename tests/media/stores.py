"""Both stores for tests: a folder, and buckets of a real HTTP server that speaks S3 (moto's), one a test process."""

import itertools
import os
from collections.abc import Iterator
from typing import Literal

import boto3
import pytest
from types_boto3_s3.client import S3Client

from media.blobs.s3_client import S3Place
from tests.media.strict_s3 import StrictMotoServer

KEY, SECRET = "tests", "only-the-tests-know-this"
REGION: Literal["eu-north-1"] = "eu-north-1"
_count = itertools.count(1)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of the server that speaks S3."""
    server = StrictMotoServer(SECRET)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)  # tests send small files in small parts
        yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def s3_client(s3_server: str) -> S3Client:
    """A client of the tests' own, to look at what is in the store and to spoil it."""
    client: S3Client = boto3.session.Session().client(
        "s3", endpoint_url=s3_server, region_name=REGION, aws_access_key_id=KEY, aws_secret_access_key=SECRET
    )
    return client


@pytest.fixture
def s3_place(s3_server: str, s3_client: S3Client) -> S3Place:
    """Two empty buckets of one test."""
    name = f"t{os.getpid()}-{next(_count)}"
    place = S3Place(
        bucket=f"{name}-private",
        public_bucket=f"{name}-public",
        region=REGION,
        endpoint=s3_server,
        path_style=True,
        access_key=KEY,
        secret_key=SECRET,
    )
    for bucket in (place.bucket, place.public_bucket):
        s3_client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    return place
