"""The model of door and drawer on one table, composed of the installed Meta-World's own files."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

import mujoco
from metaworld.asset_path_utils import ENV_ASSET_DIR_V3

from environments.metaworld_cds.tasks import DOOR_PLACE, DRAWER_PLACE, Vector


def build_scene() -> mujoco.MjModel:
    """Return the model: Meta-World's arm, table and actuators, its door and its drawer.

    Meta-World's files name their meshes relative to a folder beside them, hence `meshdir`. The
    weld between arm and mocap body is set as `SawyerMocapBase.reset_mocap_welds` sets it. The site
    `goal` stands somewhere: one at its body's origin could not be moved (MuJoCo's `sameframe`).
    """
    folder = quoteattr(str(ENV_ASSET_DIR_V3 / "sawyer_xyz"))
    parts = "".join(
        _include(name)
        for name in (
            "scene/basic_scene.xml",
            "objects/assets/drawer_dependencies.xml",
            "objects/assets/doorlock_dependencies.xml",
            "objects/assets/xyz_base_dependencies.xml",
        )
    )
    fingers = "".join(
        f'<position ctrllimited="true" ctrlrange="-1 1" joint="{joint}" kp="400" user="1"/>'
        for joint in ("r_close", "l_close")
    )
    model = mujoco.MjModel.from_xml_string(
        f"""
        <mujoco model="door_and_drawer">
          <compiler meshdir={folder} texturedir={folder}/>
          <visual><global offwidth="1280" offheight="960"/></visual>
          {parts}
          <worldbody>
            {_include("objects/assets/xyz_base.xml")}
            {_object("drawer", "objects/assets/drawer.xml", DRAWER_PLACE)}
            {_object("door", "objects/assets/doorlockB.xml", DOOR_PLACE)}
            <site name="goal" pos="0 0.7 0.1" size="0.02" rgba="0 0.8 0 1"/>
          </worldbody>
          <actuator>{fingers}</actuator>
          <equality><weld body1="mocap" body2="hand" solref="0.02 1"/></equality>
        </mujoco>
        """
    )
    model.eq_data[0] = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 5.0)
    return model


def _include(name: str) -> str:
    return f"<include file={quoteattr(str(ENV_ASSET_DIR_V3 / name))}/>"


def _object(name: str, file: str, place: Vector) -> str:
    x, y, z = place
    return f'<body name="{name}" pos="{x} {y} {z}">{_include(file)}</body>'
