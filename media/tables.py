"""Uploads, pictures and the files made of them. Owners are plain ids: nothing here knows why a picture is kept."""

from piccolo.columns import (
    UUID,
    Array,
    BigInt,
    Boolean,
    Bytea,
    DoublePrecision,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Asset(Table, tablename="asset"):
    """A picture that something else refers to; the row stays when its files have gone.

    Size and SHA-256 of the original are those that were promised: whoever decodes it checks them first.
    """

    id = UUID(primary_key=True, default=None, null=False)
    owner_id = UUID(default=None, null=True, index=True)  # personal: who may use and describe it; until erasure
    medium = Text(default=None, null=False)
    status = Text(default=None, null=False)
    reason = Text(default=None, null=True)
    attempts = SmallInt(default=None, null=False)
    key = Text(default=None, null=False, unique=True)
    is_public = Boolean(default=None, null=False)
    is_fixed = Boolean(default=None, null=False)
    alt_text = Text(default=None, null=True)  # personal: what blind people read; until erasure or purge
    people = Text(default=None, null=True)  # personal: the declaration about people shown; until erasure or purge
    kind = Text(default=None, null=True)
    width = Integer(default=None, null=True)
    height = Integer(default=None, null=True)
    placeholder = Text(default=None, null=True)  # personal: how the picture looks, vaguely; until erasure or purge
    sound = Text(default=None, null=True)
    percent = SmallInt(default=None, null=True)
    recipe = SmallInt(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    changed_at = Timestamptz(default=None, null=False, index=True)
    decided_at = Timestamptz(default=None, null=True)
    refused_at = Timestamptz(default=None, null=True)
    original_size = BigInt(default=None, null=True)  # this and the next: which file it was; until erasure or purge
    original_sha256 = Bytea(default=None, null=True)
    original_gone_at = Timestamptz(default=None, null=True)

    asset_medium_known = Check("medium in ('IMAGE', 'MOVIE')", name="asset_medium_known")
    asset_sound_known = Check(
        "(medium = 'MOVIE') = (sound is not null) and sound in ('KEPT', 'REMOVED')", name="asset_sound_known"
    )
    asset_status_known = Check(
        "status in ('REQUESTED', 'UPLOADED', 'SCANNING', 'PROCESSING', 'REJECTED', 'FAILED', 'CLEAN', 'RELEASED',"
        " 'REVOKED', 'PURGED')",
        name="asset_status_known",
    )
    asset_people_known = Check("people in ('NONE', 'ONLY_ME', 'OTHERS_WITH_PERMISSION')", name="asset_people_known")
    asset_measured = Check(
        "status not in ('CLEAN', 'RELEASED', 'REVOKED') or (width > 0 and height > 0)", name="asset_measured"
    )


class PublicCopy(Table, tablename="public_copy"):
    """A file that stands, or may stand, where everybody can read it at the store: written before the copying begins.

    Deleted when the copy has certainly gone, so that nothing is copied and then forgotten.
    """

    id = UUID(primary_key=True, default=None, null=False)
    asset = ForeignKey(Asset, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="asset_id")
    sha256 = Text(default=None, null=False)
    format = Text(default=None, null=False)
    begun_at = Timestamptz(default=None, null=False)
    copied_at = Timestamptz(default=None, null=True)
    public_copy_once = Unique([asset, sha256], name="public_copy_once")


class Upload(Table, tablename="upload"):
    """A ticket to send the bytes of one picture: what was promised, and when it came. Kept for 30 days.

    `part_bytes`: it may come in parts of this size; `multipart`: what the bucket calls these parts together.
    """

    id = UUID(primary_key=True, default=None, null=False)
    asset = ForeignKey(
        Asset, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="asset_id", unique=True
    )
    content_type = Text(default=None, null=False)
    size = BigInt(default=None, null=False)
    sha256 = Bytea(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False, index=True)
    received_at = Timestamptz(default=None, null=True)
    finalised_at = Timestamptz(default=None, null=True)
    part_bytes = Integer(default=None, null=True)
    multipart = Text(default=None, null=True)

    upload_size_positive = Check("size > 0", name="upload_size_positive")
    upload_part_bytes_positive = Check("part_bytes > 0", name="upload_part_bytes_positive")


class UploadPart(Table, tablename="upload_part"):
    """One part of an upload: what was promised of it, and, where we receive it ourselves, when it came.

    Gone once the upload is finalised, aborted or run out.
    """

    id = UUID(primary_key=True, default=None, null=False)
    upload = ForeignKey(Upload, default=None, null=False, on_delete=OnDelete.cascade, db_column_name="upload_id")
    number = SmallInt(default=None, null=False)
    size = Integer(default=None, null=False)
    sha256 = Bytea(default=None, null=False)
    received_at = Timestamptz(default=None, null=True)

    upload_part_once = Unique([upload, number], name="upload_part_once")
    upload_part_counted = Check("number > 0 and size > 0", name="upload_part_counted")


class Rendition(Table, tablename="rendition"):
    """A file that is served: encoded anew, without metadata. Named by the SHA-256 (hex) of its bytes."""

    id = UUID(primary_key=True, default=None, null=False)
    asset = ForeignKey(Asset, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="asset_id")
    format = Text(default=None, null=False)
    width = Integer(default=None, null=False)
    height = Integer(default=None, null=False)
    size = BigInt(default=None, null=False)
    sha256 = Text(default=None, null=False)
    seconds = DoublePrecision(default=None, null=True)
    has_sound = Boolean(default=None, null=True)
    rendition_once = Unique([asset, sha256], name="rendition_once")


class Caption(Table, tablename="caption"):
    """What is said in a movie, in one language: a WebVTT file written anew. `sha256` names it among the renditions."""

    id = UUID(primary_key=True, default=None, null=False)
    asset = ForeignKey(Asset, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="asset_id")
    language = Text(default=None, null=False)
    direction = Text(default=None, null=False)
    text = Text(default=None, null=False)  # personal: the words; until the owner removes them, erasure or purge
    sha256 = Text(default=None, null=False)
    changed_at = Timestamptz(default=None, null=False)

    caption_once_a_language = Unique([asset, language], name="caption_once_a_language")
    caption_direction_known = Check("direction in ('ltr', 'rtl')", name="caption_direction_known")


class AssetBlur(Table, tablename="asset_blur"):
    """A part of a picture that its sender had made unrecognisable, in fractions of the upright picture."""

    id = UUID(primary_key=True, default=None, null=False)
    asset = ForeignKey(
        Asset, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="asset_id", index=True
    )
    x = DoublePrecision(default=None, null=False)
    y = DoublePrecision(default=None, null=False)
    width = DoublePrecision(default=None, null=False)
    height = DoublePrecision(default=None, null=False)


class OldRendition(Table, tablename="old_rendition"):
    """A file that others have replaced or will replace, until it is removed.

    Files of an older recipe are readable for some minutes longer, by addresses that were given out; those from before
    a blur by nobody from that moment on.
    """

    id = UUID(primary_key=True, default=None, null=False)
    asset = ForeignKey(Asset, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="asset_id")
    format = Text(default=None, null=False)
    width = Integer(default=None, null=False)
    height = Integer(default=None, null=False)
    size = BigInt(default=None, null=False)
    sha256 = Text(default=None, null=False)
    is_readable = Boolean(default=None, null=False)
    replaced_at = Timestamptz(default=None, null=False)
    old_rendition_once = Unique([asset, sha256], name="old_rendition_once")


class PictureFingerprint(Table, tablename="picture_fingerprint"):
    """How a picture looks, to recognise one that was removed. Goes with its files.

    One look a place in the three arrays. `square`: 40 by 40 values of brightness and of two colours, for its cut-outs.
    """

    id = UUID(primary_key=True, default=None, null=False)
    asset = ForeignKey(
        Asset, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="asset_id", unique=True
    )
    coarse = Array(base_column=BigInt(), default=None, null=False)
    fine = Array(base_column=BigInt(), default=None, null=False)
    colour = Array(base_column=BigInt(), default=None, null=False)
    square = Bytea(default=None, null=False)


class RemovedPicture(Table, tablename="removed_picture"):
    """A picture that moderators removed or refused for what it is, so that one who looks the same is told to them.

    Names nobody; `asset_id` is a plain id, which may outlive its row. Kept for two years, or until an appeal undoes it.
    """

    id = UUID(primary_key=True, default=None, null=False)
    asset_id = UUID(default=None, null=False, unique=True)
    removed_at = Timestamptz(default=None, null=False, index=True)


class RemovedLook(Table, tablename="removed_look"):
    """How a removed picture or one of its cut-outs looks. Indexes for each quarter of `coarse`: see the migration."""

    id = UUID(primary_key=True, default=None, null=False)
    picture = ForeignKey(
        RemovedPicture, default=None, null=False, on_delete=OnDelete.cascade, db_column_name="picture_id", index=True
    )
    coarse = BigInt(default=None, null=False)
    fine = BigInt(default=None, null=False)
    colour = BigInt(default=None, null=False)
