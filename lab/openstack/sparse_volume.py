"""A cinder driver whose volumes are sparse files: for machines without a device mapper."""
import os
import subprocess

from cinder import interface
from cinder.image import image_utils
from cinder.volume import configuration
from cinder.volume import driver
from cinder.volume import volume_utils
from oslo_config import cfg

GIB = 1 << 30

OPTIONS = [
    cfg.StrOpt("sparse_folder", help="Where the files are."),
    cfg.IntOpt("sparse_capacity_gb", default=100, help="What it says it can hold."),
]
cfg.CONF.register_opts(OPTIONS, group=configuration.SHARED_CONF_GROUP)


@interface.volumedriver
class SparseFileDriver(driver.VolumeDriver):
    """Every volume and snapshot is a file named as cinder names it."""

    VERSION = "1.0"
    CI_WIKI_NAME = "none"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(OPTIONS)

    def do_setup(self, context):
        self.folder = self.configuration.safe_get("sparse_folder")
        os.makedirs(self.folder, exist_ok=True)

    def check_for_setup_error(self):
        pass

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _copy(self, source, target, size_gb=None):
        # cp leaves holes where the source has them.
        subprocess.run(["cp", "--sparse=always", self._path(source), self._path(target)],
                       check=True)
        if size_gb is not None:
            os.truncate(self._path(target), size_gb * GIB)

    def _remove(self, name):
        try:
            os.unlink(self._path(name))
        except FileNotFoundError:
            pass

    def _size(self, name):
        try:
            return os.path.getsize(self._path(name))
        except FileNotFoundError:  # it was deleted since
            return 0

    def create_volume(self, volume):
        with open(self._path(volume["name"]), "wb") as file:
            file.truncate(volume["size"] * GIB)

    def delete_volume(self, volume):
        self._remove(volume["name"])

    def create_snapshot(self, snapshot):
        self._copy(snapshot["volume_name"], snapshot["name"])

    def delete_snapshot(self, snapshot):
        self._remove(snapshot["name"])

    def revert_to_snapshot(self, context, volume, snapshot):
        self._copy(snapshot["name"], volume["name"], volume["size"])

    def create_volume_from_snapshot(self, volume, snapshot):
        self._copy(snapshot["name"], volume["name"], volume["size"])

    def create_cloned_volume(self, volume, source):
        self._copy(source["name"], volume["name"], volume["size"])

    def extend_volume(self, volume, new_size):
        os.truncate(self._path(volume["name"]), new_size * GIB)

    def copy_image_to_volume(self, context, volume, image_service, image_id,
                             disable_sparse=False):
        image_utils.fetch_to_raw(
            context, image_service, image_id, self._path(volume["name"]),
            self.configuration.volume_dd_blocksize, size=volume["size"])
        os.truncate(self._path(volume["name"]), volume["size"] * GIB)

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        volume_utils.upload_volume(
            context, image_service, image_meta, self._path(volume["name"]), volume)

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector, **kwargs):
        data = {"device_path": self._path(volume["name"])}
        return {"driver_volume_type": "local", "data": data}

    def terminate_connection(self, volume, connector, **kwargs):
        pass

    def _update_volume_stats(self):
        total = self.configuration.safe_get("sparse_capacity_gb")
        used = sum(map(self._size, os.listdir(self.folder))) // GIB
        self._stats = {
            "volume_backend_name": self.configuration.safe_get("volume_backend_name"),
            "vendor_name": "strata",
            "driver_version": self.VERSION,
            "storage_protocol": "local",
            "pools": [{
                "pool_name": "sparse",
                "total_capacity_gb": total,
                "free_capacity_gb": total - used,
                "provisioned_capacity_gb": used,
                "allocated_capacity_gb": used,
                "thin_provisioning_support": True,
                "thick_provisioning_support": False,
                "max_over_subscription_ratio": 2.0,
                "reserved_percentage": 0,
                "multiattach": True,
                "QoS_support": False,
            }],
        }
