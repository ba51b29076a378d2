"""The maze as a MuJoCo model, built from the layout.

The numbers are D4RL's point maze: a sphere of radius .1 and density 1000 (4.19 kg) on two sliding
joints without limits, damping 1, two motors of gear 100; contacts without friction; Euler, .01 s,
no gravity. The sphere lies on the ground, which can push it nowhere and so collides with nothing.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

import mujoco

from environments.maze_large.layout import (
    CELL_OFFSET,
    GOAL_RADIUS,
    LAYOUT,
    WALL_HALF_WIDTH,
    MazeTask,
    walls,
)

_FRAME = """
<mujoco model="maze_large">
  <option timestep="0.01" gravity="0 0 0" iterations="20" integrator="Euler"/>
  <default>
    <joint type="slide" damping="1" limited="false"/>
    <geom friction=".5 .1 .1" density="1000" margin="0.002" condim="1" contype="2" conaffinity="1"/>
    <motor ctrlrange="-1 1" ctrllimited="true" gear="100"/>
  </default>
  <asset>
    <texture name="ground" type="2d" builtin="checker" rgb1=".86 .88 .9" rgb2=".8 .82 .85" width="100" height="100"/>
    <material name="ground" texture="ground" texrepeat="10 10" texuniform="true"/>
  </asset>
  <visual>
    <headlight ambient=".4 .4 .4" diffuse=".8 .8 .8" specular=".1 .1 .1"/>
    <global offwidth="1280" offheight="960"/>
  </visual>
  <worldbody>
    <geom name="ground" type="plane" size="40 40 .25" pos="0 0 -.1" contype="0" conaffinity="0" material="ground"/>
    <body name="particle">
      <joint name="x" axis="1 0 0"/>
      <joint name="y" axis="0 1 0"/>
      <geom name="particle" type="sphere" size=".1" contype="1" rgba=".15 .3 .8 1"/>
      <site name="particle" size=".2" rgba=".15 .3 .8 .4"/>
    </body>
  </worldbody>
  <actuator>
    <motor name="x" joint="x"/>
    <motor name="y" joint="y"/>
  </actuator>
</mujoco>
"""  # noqa: E501 (an element a line)
_GROUND = -0.1


def maze_model(task: MazeTask) -> mujoco.MjModel:
    """Compile the maze with the walls of the layout and `task`'s goal drawn as a disc."""
    root = ET.fromstring(_FRAME)
    world = root.find("worldbody")
    assert world is not None
    for row, column in walls():
        ET.SubElement(
            world,
            "geom",
            name=f"wall_{row}_{column}",
            type="box",
            pos=f"{row + CELL_OFFSET} {column + CELL_OFFSET} 0",
            size=f"{WALL_HALF_WIDTH} {WALL_HALF_WIDTH} .2",
            rgba=".7 .5 .3 1",
        )
    row, column = task.goal
    ET.SubElement(
        world,
        "site",
        name="goal",
        type="cylinder",
        # A disc .01 high that lies on the ground.
        pos=f"{row} {column} {_GROUND + 0.005}",
        size=f"{GOAL_RADIUS} .005",
        rgba=".1 .75 .25 .55",
    )
    return mujoco.MjModel.from_xml_string(ET.tostring(root, encoding="unicode"))


def camera_above() -> mujoco.MjvCamera:
    """Return a camera that sees the maze as the layout is printed: rows down, columns right."""
    camera = mujoco.MjvCamera()
    camera.type = mujoco.mjtCamera.mjCAMERA_FREE
    middle = [(size - 1) / 2 + CELL_OFFSET for size in (len(LAYOUT), len(LAYOUT[0]))]
    camera.lookat[:] = (*middle, 0.0)
    camera.distance, camera.azimuth, camera.elevation = 12.0, 180.0, -90.0
    return camera
