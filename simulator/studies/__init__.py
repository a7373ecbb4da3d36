"""The methods of experiments applied to this model, and adapters for EMA Workbench, SALib, pandas and xarray."""
