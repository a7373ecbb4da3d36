"""The model put to the questions of the experiments, and to other people's tools."""
